"""What is true: the star, its ledger, and the releases that hold them."""
