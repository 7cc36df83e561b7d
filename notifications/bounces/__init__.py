"""Mail that came back: read, understood, and turned into marks on addresses."""
