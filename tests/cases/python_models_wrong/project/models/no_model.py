def other(dbt, session):
    return 1
