"""What nodes and institutions say to each other: signatures, proofs, the Merkle log; bytes in, bytes out."""
