select 'FR' as code, 'France' as label
