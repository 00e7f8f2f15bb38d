"""What may be asked, what is shown of a value, how a claim is answered: pure, without any framework."""
