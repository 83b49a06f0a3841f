select {{ unknown_macro() }}
