select {{ times("width", "height") }} + {{ var('more', 0) }}
