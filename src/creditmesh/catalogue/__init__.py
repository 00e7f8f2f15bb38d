"""What an official may edit, as dated YAML, and the typed loaders that refuse what contradicts itself."""
