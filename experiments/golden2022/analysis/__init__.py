"""Numbers from networks, without a picture."""
