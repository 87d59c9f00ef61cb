"""The path of a picture: from whatever file a person gives to the bytes a model gets, and back from a saved state."""
