"""When things happen: thin Prefect flows over the same functions the command line calls."""
