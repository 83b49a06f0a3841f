def model(dbt, session):
    return dbt.source("only_one")
