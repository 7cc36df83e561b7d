"""Handing messages over, to a mail server or as files, and remembering how far each came."""
