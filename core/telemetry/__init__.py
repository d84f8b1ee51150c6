"""What the process does and how well each part is: measured, never guessed."""
