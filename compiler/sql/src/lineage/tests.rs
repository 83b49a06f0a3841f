//! Where columns come from.

use super::*;

/// What the tests know of the warehouse: everything under `known`.
fn known_schema(relation: &[String]) -> Option<Vec<String>> {
    let columns: &[&str] = match relation.last()?.as_str() {
        "orders" => &["id", "customer_id", "amount", "status"],
        "customers" => &["id", "customer_id", "name"],
        "events" => &["id", "payload", "tags"],
        _ => return None,
    };
    Some(columns.iter().map(|&column| column.to_owned()).collect())
}

fn lineage(adapter: &str, sql: &str) -> QueryLineage {
    column_lineage(sql, SqlDialect::of_adapter(adapter), &known_schema)
        .unwrap_or_else(|| panic!("{adapter} does not parse: {sql}"))
}

/// Each column as `name = sources`, or `name ~ sources` when derived, `name <- source` when renamed.
fn described(adapter: &str, sql: &str) -> String {
    let lineage = lineage(adapter, sql);
    let mut parts: Vec<String> = lineage.columns.iter().map(column_text).collect();
    for star in lineage.stars.iter().rev() {
        let mut text = format!("*{}", star.relation.join("."));
        if !star.excluded.is_empty() {
            text.push_str(" but ");
            text.push_str(&star.excluded.join(" "));
        }
        parts.insert(star.position, text);
    }
    parts.join("; ")
}

fn column_text(column: &OutputColumn) -> String {
    let sources: Vec<String> = column
        .sources
        .iter()
        .map(|source| format!("{}.{}", source.relation.join("."), source.column))
        .collect();
    let sign = match column.transformation {
        Transformation::Identity => "=",
        Transformation::Renamed => "<-",
        Transformation::Derived => "~",
    };
    format!("{} {sign} {}", column.name, sources.join(" ")).trim_end().to_owned()
}

fn check(cases: &[(&str, &str, &str)]) {
    let wrong = cases.iter().filter_map(|(adapter, sql, expected)| {
        let found = described(adapter, sql);
        (found != *expected).then(|| format!("{adapter}: {sql}\n  {expected}\n  {found}"))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "query, expected, found:\n{}", wrong.join("\n"));
}

#[test]
fn columns_come_from_relations() {
    check(&[
        (
            "duckdb",
            "select id, amount as total, amount + 1 as more from \"db\".\"main\".\"orders\"",
            "id = db.main.orders.id; total <- db.main.orders.amount; more ~ db.main.orders.amount",
        ),
        (
            "postgres",
            "select o.ID, c.name from raw.orders o join raw.customers as c on o.id = c.id",
            "ID = raw.orders.id; name = raw.customers.name",
        ),
        ("bigquery", "select t.x from `proj.raw.unknown` as t", "x = proj.raw.unknown.x"),
        ("bigquery", "select unknown.x from `proj`.`raw`.`unknown`", "x = proj.raw.unknown.x"),
        (
            "trino",
            "select raw.unknown.x, \"y\" from raw.unknown",
            "x = raw.unknown.x; y = raw.unknown.y",
        ),
        (
            "duckdb",
            "select 1 as one, 'a' as two, null as three from orders",
            "one ~; two ~; three ~",
        ),
        ("mssql", "select [id] as [the id] from [dbo].[orders]", "the id <- dbo.orders.id"),
    ]);
}

#[test]
fn unqualified_names_are_found_by_known_columns() {
    check(&[
        (
            "duckdb",
            "select amount, name from orders, customers",
            "amount = orders.amount; name = customers.name",
        ),
        ("duckdb", "select id from orders, customers", "id = orders.id customers.id"),
        ("duckdb", "select amount from orders, unknown", "amount = orders.amount"),
        ("duckdb", "select other from orders, unknown", "other = unknown.other"),
        ("duckdb", "select other from unknown, elsewhere", "other = unknown.other elsewhere.other"),
        ("duckdb", "select missing from orders", "missing ~"),
    ]);
}

#[test]
fn ctes_and_subqueries_are_looked_through() {
    check(&[
        (
            "duckdb",
            "with a as (select id as x, amount from orders), b as (select x as id, sum(amount) as s from a group by 1) select * from b",
            "id = orders.id; s ~ orders.amount",
        ),
        (
            "postgres",
            "with __dbt__cte__stg as (select id, upper(name) as name from customers) select stg.name, stg.id from __dbt__cte__stg as stg",
            "name ~ customers.name; id = customers.id",
        ),
        ("trino", "select q.a from (select amount as a from orders) q", "a <- orders.amount"),
        (
            "duckdb",
            "with orders as (select id from orders) select id from orders",
            "id = orders.id",
        ),
        (
            "duckdb",
            "with a as (with b as (select 1 as x) select x from b) select x from a, b",
            "x ~",
        ),
        (
            "postgres",
            "with a(p, q) as (select id, amount from orders) select q from a",
            "q <- orders.amount",
        ),
        (
            "postgres",
            "with recursive r as (select id, id as root from orders union all select o.id, r.root from orders o join r on o.id = r.id) select * from r",
            "id = orders.id; root <- orders.id",
        ),
        (
            "duckdb",
            "select (select max(amount) from orders) as top, exists (select 1 from customers) as any_customer",
            "top ~ orders.amount; any_customer ~",
        ),
        (
            "postgres",
            "select c.name, (select sum(o.amount) from orders o where o.customer_id = c.id) s from customers c",
            "name = customers.name; s ~ orders.amount",
        ),
        ("postgres", "select (select c.name) as n from customers c", "n ~ customers.name"),
        ("duckdb", "create table x as select id from orders", "id = orders.id"),
        ("postgres", "insert into x (a) select id from orders", "id = orders.id"),
        ("duckdb", "select 1; select id from orders;", "id = orders.id"),
    ]);
}

#[test]
fn stars_open_what_is_known() {
    check(&[
        (
            "duckdb",
            "select * from orders",
            "id = orders.id; customer_id = orders.customer_id; amount = orders.amount; status = orders.status",
        ),
        ("duckdb", "select * from raw.unknown", "*raw.unknown"),
        (
            "duckdb",
            "select 1 as a, u.*, id from raw.unknown u, orders",
            "a ~; *raw.unknown; id = orders.id",
        ),
        (
            "duckdb",
            "with a as (select * from raw.unknown) select x, lower(y) as y from a",
            "x = raw.unknown.x; y ~ raw.unknown.y",
        ),
        (
            "duckdb",
            "with a as (select *, b + 1 as c from unknown) select * from a",
            "*unknown; c ~ unknown.b",
        ),
        (
            "duckdb",
            "select * exclude (amount, status) replace (id + 1 as id) from orders",
            "id ~ orders.id; customer_id = orders.customer_id",
        ),
        ("bigquery", "select * except (amount, status, customer_id) from orders", "id = orders.id"),
        (
            "bigquery",
            "select * except (a) replace (upper(b) as b) from unknown",
            "*unknown but a b; b ~ unknown.b",
        ),
        (
            "snowflake",
            "select * rename (amount as total) from orders",
            "id = orders.id; customer_id = orders.customer_id; total <- orders.amount; status = orders.status",
        ),
        (
            "duckdb",
            "select c.* from orders join customers c on true",
            "id = customers.id; customer_id = customers.customer_id; name = customers.name",
        ),
        (
            "duckdb",
            "from customers",
            "id = customers.id; customer_id = customers.customer_id; name = customers.name",
        ),
        ("duckdb", "from customers select name", "name = customers.name"),
        ("duckdb", "select * from read_csv('a.csv')", "*"),
    ]);
}

#[test]
fn joins_keep_the_columns_of_using_once() {
    check(&[
        (
            "duckdb",
            "select customer_id, name from orders left join customers using (customer_id)",
            "customer_id = orders.customer_id; name = customers.name",
        ),
        (
            "postgres",
            "select customer_id from orders right join customers using (customer_id)",
            "customer_id = customers.customer_id",
        ),
        (
            "postgres",
            "select customer_id from orders full join customers using (customer_id)",
            "customer_id ~ orders.customer_id customers.customer_id",
        ),
        (
            "trino",
            "select * from customers join orders using (customer_id, id)",
            "customer_id = customers.customer_id; id = customers.id; name = customers.name; amount = orders.amount; status = orders.status",
        ),
        (
            "duckdb",
            "select * from unknown join elsewhere using (k)",
            "k = unknown.k; *unknown but k; *elsewhere but k",
        ),
        ("duckdb", "select name from orders natural join customers", "name = customers.name"),
        (
            "duckdb",
            "select * from customers semi join orders using (id)",
            "id = customers.id; customer_id = customers.customer_id; name = customers.name",
        ),
        (
            "duckdb",
            "select o.customer_id from customers join orders o using (customer_id)",
            "customer_id = orders.customer_id",
        ),
        (
            "postgres",
            "select name from (orders join customers on true) where true",
            "name = customers.name",
        ),
    ]);
}

#[test]
fn set_operations_join_columns_by_place_or_name() {
    check(&[
        (
            "duckdb",
            "select id as a from orders union all select customer_id from customers",
            "a <- orders.id customers.customer_id",
        ),
        ("postgres", "select id from orders except select id from customers", "id = orders.id"),
        (
            "duckdb",
            "select id, amount from orders union all by name select name, id from customers",
            "id = orders.id customers.id; amount = orders.amount; name = customers.name",
        ),
        (
            "duckdb",
            "with u as (select * from a union all select * from b) select x from u",
            "x = a.x b.x",
        ),
        (
            "bigquery",
            "(select id from orders) union distinct (select id from customers)",
            "id = orders.id customers.id",
        ),
        ("trino", "select x from (values (1, 'a')) as t(x, y)", "x ~"),
    ]);
}

#[test]
fn expressions_read_all_their_columns() {
    check(&[
        (
            "duckdb",
            "select case when status = 'x' then amount else id end as v from orders",
            "v ~ orders.status orders.amount orders.id",
        ),
        (
            "postgres",
            "select row_number() over (partition by customer_id order by id desc) as n from orders",
            "n ~ orders.customer_id orders.id",
        ),
        (
            "postgres",
            "select sum(amount) over w as s from orders window w as (partition by status)",
            "s ~ orders.status orders.amount",
        ),
        (
            "duckdb",
            "select coalesce(nullif(trim(lower(status)), ''), 'none')::varchar as s from orders",
            "s ~ orders.status",
        ),
        (
            "postgres",
            "select sum(amount) filter (where status = 'x') as s from orders",
            "s ~ orders.amount orders.status",
        ),
        (
            "bigquery",
            "select date_trunc(created, month) as m, date_diff(a, b, day) as d from unknown",
            "m ~ unknown.created; d ~ unknown.a unknown.b",
        ),
        ("snowflake", "select dateadd(day, 1, created) as d from unknown", "d ~ unknown.created"),
        (
            "duckdb",
            "select list_transform(tags, x -> x || payload) as l from events",
            "l ~ events.tags events.payload",
        ),
        (
            "duckdb",
            "select list_filter(t, x -> x > y) as l from unknown",
            "l ~ unknown.t unknown.y",
        ),
        ("trino", "select transform(t, x -> x + y) as l from unknown", "l ~ unknown.t unknown.y"),
        (
            "duckdb",
            "select payload -> '$.a' as a, payload ->> 'b' as b from events",
            "a ~ events.payload; b ~ events.payload",
        ),
        (
            "duckdb",
            "select current_date as d, current_user as u, n from unknown",
            "d ~; u ~; n = unknown.n",
        ),
        (
            "bigquery",
            "select u.address.city as c, address.zip as z, items[offset(0)].sku as s from unknown u",
            "c ~ unknown.address; z ~ unknown.address; s ~ unknown.items",
        ),
        (
            "duckdb",
            "select {'a': id, 'b': amount} as s, [id, amount] as l from orders",
            "s ~ orders.id orders.amount; l ~ orders.id orders.amount",
        ),
        (
            "postgres",
            "select to_json(o) as j from orders o",
            "j ~ orders.id orders.customer_id orders.amount orders.status",
        ),
        (
            "duckdb",
            "select (id) as x, cast(id as int) as y from orders",
            "x <- orders.id; y ~ orders.id",
        ),
        (
            "duckdb",
            "select count(*) as n, count(distinct id) as m from orders",
            "n ~; m ~ orders.id",
        ),
    ]);
}

#[test]
fn aliases_are_reused_where_the_dialect_allows() {
    check(&[
        (
            "duckdb",
            "select amount * 2 as twice, twice + 1 as more from orders",
            "twice ~ orders.amount; more ~ orders.amount",
        ),
        ("snowflake", "select a as b, b + 1 as c from unknown", "b <- unknown.a; c ~ unknown.a"),
        ("postgres", "select a as b, b + 1 as c from unknown", "b <- unknown.a; c ~ unknown.b"),
        (
            "duckdb",
            "select id as amount, amount as x from orders",
            "amount <- orders.id; x <- orders.amount",
        ),
    ]);
}

#[test]
fn lateral_tables_and_arrays_see_the_tables_before() {
    check(&[
        (
            "postgres",
            "select l.m from orders o, lateral (select max(o.amount) as m from customers c) l",
            "m ~ orders.amount",
        ),
        (
            "postgres",
            "select t.tag from events e cross join lateral unnest(e.tags) as t(tag)",
            "tag ~ events.tags",
        ),
        (
            "bigquery",
            "select e.id, tag from events e, unnest(e.tags) as tag",
            "id = events.id; tag ~ events.tags",
        ),
        (
            "bigquery",
            "select i.sku, pos from unknown u, unnest(u.items) as i with offset as pos",
            "sku ~ unknown.items; pos ~",
        ),
        ("bigquery", "select t.x from events e, e.tags t", "x ~ events.tags"),
        (
            "trino",
            "select t.n, t.i from events cross join unnest(tags) with ordinality as t(n, i)",
            "n ~ events.tags; i ~",
        ),
        (
            "snowflake",
            "select f.value as v from events e, lateral flatten(input => e.tags) f",
            "v ~ events.tags",
        ),
        (
            "spark",
            "select tag from events lateral view explode(tags) t as tag",
            "tag ~ events.tags",
        ),
        ("duckdb", "select g.n from generate_series(1, 3) as g(n)", "n ~"),
    ]);
}

#[test]
fn pivots_and_pipes_are_followed() {
    check(&[
        (
            "bigquery",
            "select * from (select id, status, amount from orders) pivot (sum(amount) for status in ('a' as a, 'b' as b))",
            "id = orders.id; a ~ orders.status orders.amount; b ~ orders.status orders.amount",
        ),
        (
            "snowflake",
            "select * from orders unpivot (v for k in (amount, status))",
            "id = orders.id; customer_id = orders.customer_id; v ~ orders.amount orders.status; k ~",
        ),
        (
            "bigquery",
            "from orders |> where amount > 1 |> extend amount * 2 as twice |> drop status, customer_id |> rename amount as a",
            "id = orders.id; a <- orders.amount; twice ~ orders.amount",
        ),
        (
            "bigquery",
            "from orders |> aggregate sum(amount) as s group by status |> select s, status",
            "s ~ orders.amount; status = orders.status",
        ),
    ]);
}

#[test]
fn relations_read_are_listed_wherever_they_stand() {
    let sql = "with a as (select * from raw.one where x in (select y from two))
        select a.x from a left join three on a.x = (select max(z) from four)
        where exists (select 1 from five where five.x = a.x) and a.x = 'six'
        order by (select 1 from seven)";
    let relations = relations_read(sql, SqlDialect::of_adapter("postgres")).unwrap();
    let names: Vec<_> = relations.iter().map(|parts| parts.join(".")).collect();
    assert_eq!(names, ["raw.one", "two", "three", "four", "five", "seven"]);
}

#[test]
fn sql_that_is_not_understood_gives_nothing() {
    for sql in ["", "select (", "selec 1", "drop table x", "select 'open"] {
        assert_eq!(column_lineage(sql, SqlDialect::of_adapter("duckdb"), &NoSchema), None, "{sql}");
    }
}

#[test]
fn hostile_queries_end_soon() {
    let deep = format!("select {}1{}", "(".repeat(20_000), ")".repeat(20_000));
    let long_or = format!("select a from t where a = 0 {}", "or a = 1 ".repeat(50_000));
    let some_or = format!("select a from t where a = 0 {}", "or a = 1 ".repeat(1_900));
    let sum = format!("select {}1 as x", "1+".repeat(3_990));
    let zones = format!("select a{} as x", " at time zone 'x'".repeat(6_000));
    let union = format!("select a from t {}", "union all select a from t ".repeat(3_500));
    let nested = format!("select * from {}t{}", "(select * from ".repeat(200), ") x".repeat(200));
    let joins = format!("select * from {}t{}", "(".repeat(90), ")".repeat(90));
    let scalar = format!("select {}1{} as x", "(select ".repeat(30), ")".repeat(30));
    let doubling: Vec<String> =
        (1..60).map(|n| format!(", c{n} as (select * from c{0} x, c{0} y)", n - 1)).collect();
    let doubling =
        format!("with c0 as (select * from orders){} select * from c59", doubling.concat());
    let sums: Vec<String> = (1..300)
        .map(|n| format!(", c{n} as (select a + b as a, a * b as b, x from c{})", n - 1))
        .collect();
    let sums = format!("with c0 as (select a, b, x from t){} select * from c299", sums.concat());
    for sql in [deep, long_or, some_or, sum, zones, union, nested, joins, scalar, doubling, sums] {
        for adapter in ["duckdb", "bigquery", "postgres"] {
            let _ = column_lineage(&sql, SqlDialect::of_adapter(adapter), &known_schema);
        }
    }
}

#[test]
fn wide_queries_are_no_chains() {
    let columns: Vec<String> = (0..3_000).map(|n| format!("a{n}::int + 1 as b{n}")).collect();
    let sql = format!("select {} from t", columns.join(", "));
    assert_eq!(lineage("duckdb", &sql).columns.len(), 3_000);
}
