"""A forecast, with dbt.ref("in_a_text") that is none."""
import pandas as pd
from math import pi as PI

# dbt.ref("in_a_comment")


def helper(frame, other=None):
    return frame if other is None else frame.join(other)


def model(dbt, session):
    dbt.config(
        tags=["python", 'nightly'], packages=["pandas==1.5", "scikit" "-learn"],
        meta={"owner": "me", "limits": (1, -2.5, None)}, submission_method=None, enabled=True,
    )
    dbt.config(alias="next_days", lines=r"a\b", number=0x1F, nested={"a": [1, {"b": False}]})
    orders = dbt.ref("orders").join(dbt.ref("described"))
    both = helper(dbt.ref("priced", v=1), other=[dbt.ref("priced", version=2)])
    latest = {"x": dbt.ref("priced")}
    raw = dbt.source("shop", "raw") if dbt.is_incremental else \
        dbt.source('shop', "raw")
    level = dbt.config.get("level", 7)
    owner = dbt.config.get("owner")
    meta = dbt.config.meta_get("owner", "nobody")
    print(f"rows {len(dbt.ref('python_models', 'orders'))!r:>10} braces {orders.x + 1}", orders["a"])
    session.sql(f"select * from {dbt.ref('orders')}")
    hidden = helper(dbt.this + orders)
    return both
