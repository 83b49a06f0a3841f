def model(dbt, session): return session.table(dbt.source("shop", "raw"))
