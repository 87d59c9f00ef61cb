"""The models: which there are, and the clients that talk to them. Runs and pages need `catalog`, `clients` and `live_client`."""
