select
    1 as id,
    '{{ var("day") }}' as as_text,
    '{{ var("day").strftime("%Y/%m") }}' as formatted,
    '{{ var("day") + modules.datetime.timedelta(days=2) }}' as later,
    '{{ var("day") is string }} {{ var("quoted") is string }}' as is_text,
    '{{ var("moment") }} {{ var("moment").isoformat() }}' as moment,
    '{{ var("with_zone") }} {{ var("with_zone").isoformat() }}' as with_zone,
    '{{ (var("nested") | string).replace("'", '"') }}' as nested,
    '{{ var("day") == modules.datetime.date(2024, 2, 28) }}' as is_equal,
    '{{ var("endless") < 0 }} {{ var("endless") }}' as endless,
    '{{ fromyaml("day: 2024-02-28").day.year + 1 }}' as next_year,
    '{{ toyaml({"day": var("day"), "text": var("quoted"), "at": var("moment")}) | replace("\n", "|") | replace("'", '"') }}' as dumped,
    '{{ config.get("first_day") is string }} {{ config.get("meta").at }}' as configured
