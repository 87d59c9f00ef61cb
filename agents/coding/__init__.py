"""The coding pair: an assistant that writes programs, and an executor that runs them when the person says so."""
