"""Linear heads on the encoder's vectors: a turn's sentiment, whether it answers, whether what came before helped."""
