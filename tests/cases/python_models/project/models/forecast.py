def model(dbt, session):
    dbt.config(tags=["nightly"])
    orders = dbt.ref("orders")
    return orders.limit(dbt.config.get("rows", 10))
