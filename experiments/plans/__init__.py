"""What is to be lived: stages, lengths, and who lives through them."""
