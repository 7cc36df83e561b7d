"""What is done: the engine. The one place where a case or a task changes."""
