"""What the evidence teaches: a residual on queries, or a low-rank delta of the encoder, in a process of its own."""
