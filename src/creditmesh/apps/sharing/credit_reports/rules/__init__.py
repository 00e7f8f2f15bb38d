"""What a credit report says and where it stands: pure, without any framework."""
