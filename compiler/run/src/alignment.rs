//! From a line of compiled SQL back to the line of the model file it came from.
//!
//! Warehouses point at the SQL they got. Templates keep most of their lines as they are, so equal lines that stand
//! once on either side anchor the two texts to each other (as in a patience diff); what stands between two anchors
//! came from what stands between the same two in the template.

use indexmap::IndexMap;

/// The line of `template` (from 1) that line `line` of `compiled` (from 1) came from.
pub(crate) fn origin_line(template: &str, compiled: &str, line: usize) -> Option<usize> {
    let (raw, sql): (Vec<&str>, Vec<&str>) =
        (template.lines().collect(), compiled.lines().collect());
    let wanted = line.checked_sub(1).filter(|at| *at < sql.len())?;
    let anchors = anchors(&raw, &sql);
    let before = anchors.iter().rev().find(|(_, at)| *at <= wanted).copied();
    if let Some((origin, at)) = before
        && at == wanted
    {
        return Some(origin + 1);
    }
    let after = anchors.iter().find(|(_, at)| *at > wanted).copied();
    let from = before.map_or(0, |(origin, _)| origin + 1);
    let to = after.map_or(raw.len(), |(origin, _)| origin);
    // Between two anchors: the line most alike; where nothing is alike, the first that has a template in it.
    let target = words(sql[wanted]);
    let likeness = |line: &str| words(line).iter().filter(|word| target.contains(word)).count();
    let best = (from..to).max_by_key(|at| (likeness(raw[*at]), std::cmp::Reverse(*at)));
    match best {
        Some(at) if likeness(raw[at]) > 0 => Some(at + 1),
        _ => (from..to)
            .find(|at| raw[*at].contains("{{") || raw[*at].contains("{%"))
            .or(best)
            .map(|at| at + 1),
    }
}

fn words(line: &str) -> Vec<&str> {
    line.split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
        .collect()
}

/// Pairs of (template line, compiled line), from 0, growing on both sides.
fn anchors(raw: &[&str], sql: &[&str]) -> Vec<(usize, usize)> {
    let once = |lines: &[&str]| -> IndexMap<String, Option<usize>> {
        let mut seen = IndexMap::new();
        for (at, line) in lines.iter().enumerate() {
            let line = line.trim();
            if !line.is_empty() {
                seen.entry(line.to_owned()).and_modify(|known| *known = None).or_insert(Some(at));
            }
        }
        seen
    };
    let compiled = once(sql);
    let pairs: Vec<(usize, usize)> = once(raw)
        .into_iter()
        .filter_map(|(line, origin)| Some((origin?, (*compiled.get(&line)?)?)))
        .collect();
    longest_growing(&pairs)
}

/// The longest run of pairs whose second parts grow; the first parts grow already.
fn longest_growing(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = vec![None; pairs.len()];
    for (at, pair) in pairs.iter().enumerate() {
        let place = ends.partition_point(|end| pairs[*end].1 < pair.1);
        before[at] = place.checked_sub(1).map(|previous| ends[previous]);
        if place == ends.len() {
            ends.push(at);
        } else {
            ends[place] = at;
        }
    }
    let mut chain = Vec::new();
    let mut next = ends.last().copied();
    while let Some(at) = next {
        chain.push(pairs[at]);
        next = before[at];
    }
    chain.reverse();
    chain
}

#[cfg(test)]
mod tests {
    use super::origin_line;

    const TEMPLATE: &str = "{{ config(\n  materialized='table'\n) }}\nselect\n  id,\n  {% for c in ['a', 'b'] %}\n  sum({{ c }}) as {{ c }},\n  {% endfor %}\n  wrong_column\nfrom {{ ref('x') }}\nwhere id > 0";
    const COMPILED: &str = "\nselect\n  id,\n  \n  sum(a) as a,\n  \n  sum(b) as b,\n  \n  wrong_column\nfrom \"db\".\"main\".\"x\"\nwhere id > 0";

    #[test]
    fn literal_lines_are_found_across_loops() {
        assert_eq!(origin_line(TEMPLATE, COMPILED, 9), Some(9));
        assert_eq!(origin_line(TEMPLATE, COMPILED, 11), Some(11));
    }

    #[test]
    fn rendered_lines_lead_to_the_template_line_that_is_most_alike() {
        assert_eq!(origin_line(TEMPLATE, COMPILED, 7), Some(7));
        assert_eq!(origin_line(TEMPLATE, COMPILED, 10), Some(10));
    }

    #[test]
    fn lines_outside_of_the_text_have_no_origin() {
        assert_eq!(origin_line(TEMPLATE, COMPILED, 0), None);
        assert_eq!(origin_line(TEMPLATE, COMPILED, 99), None);
    }
}
