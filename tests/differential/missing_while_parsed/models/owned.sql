{{ config(meta={'owner': 'Ada', 'marks': [1, 2]}) }}
{% set marks = config.get('meta')['marks'] | list %}
{% do marks.append(3) %}
select '{{ config.get('meta', {}).get('owner') }}' as owner, {{ marks | length > 1 }} as has_marks
