"""The words of each subject: what was refused, what was done, and the codes its pages show."""
