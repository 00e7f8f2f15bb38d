"""Who goes where: officers drawn by hash, recusals, departments that go together."""
