"""What people do with tasks and cases: lists, starting, waiting, completing, correcting, handing over."""
