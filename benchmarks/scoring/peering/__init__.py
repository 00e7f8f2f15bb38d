"""One definition of 45 indicators over 60 inputs, and the sides that compute it."""
