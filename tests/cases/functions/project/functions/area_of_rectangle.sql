select width * height + {{ var('border', 0) }}
