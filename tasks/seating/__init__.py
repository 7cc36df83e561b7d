"""Who gets a task: routes, absences and substitutes, and what comes back."""
