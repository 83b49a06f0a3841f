def model(dbt, session):
    return "text
