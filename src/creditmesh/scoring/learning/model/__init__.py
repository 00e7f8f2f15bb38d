"""The model behind a learnt system: folds, additive functions, tables of two columns, measures, a challenger."""
