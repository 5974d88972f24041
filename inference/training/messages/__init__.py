"""Training the model that tells how soon a patient's message wants an answer."""
