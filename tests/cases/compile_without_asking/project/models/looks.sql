select '{{ adapter.get_relation(this.database, this.schema, 'plain') if execute }}' as found
