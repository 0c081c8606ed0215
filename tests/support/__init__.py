"""What several test folders need: stores, clients, worlds."""
