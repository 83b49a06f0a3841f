//! Versions in the project file: its own, and whether that of dbt fits `require-dbt-version`.

/// Whether a project may call its version so: two or three numbers, and behind three a candidate and a build, as dbt's
/// `SemverString`.
pub fn is_project_version(text: &str) -> bool {
    let (text, build) =
        text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (numbers, candidate) = text
        .split_once('-')
        .map_or((text, None), |(numbers, candidate)| (numbers, Some(candidate)));
    let is_number = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|digit| digit.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let are_words = |words: &str| {
        let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
        words.split('.').all(|word| !word.is_empty() && word.bytes().all(is_letter))
    };
    let count = numbers.split('.').count();
    numbers.split('.').all(is_number)
        && (count == 3 || (count == 2 && candidate.is_none() && build.is_none()))
        && candidate.is_none_or(are_words)
        && build.is_none_or(are_words)
}

/// Whether a version fits all requirements, such as `>=1.0.0`; a requirement that cannot be read is the error.
pub fn fits(version: &str, requirements: &[String]) -> Result<bool, String> {
    let Some(version) = Version::parse(version) else { return Ok(true) };
    for requirement in requirements {
        let requirement = requirement.trim();
        let digits =
            requirement.find(|letter: char| letter.is_ascii_digit() || letter == 'v').unwrap_or(0);
        let (operator, number) = requirement.split_at(digits);
        let number = Version::parse(number).ok_or_else(|| requirement.to_owned())?;
        let is_fit = match operator.trim() {
            ">=" => version >= number,
            "<=" => version <= number,
            ">" => version > number,
            "<" => version < number,
            "=" | "==" | "" => version == number,
            _ => return Err(requirement.to_owned()),
        };
        if !is_fit {
            return Ok(false);
        }
    }
    Ok(true)
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    numbers: [u64; 3],
    /// Releases come after their candidates.
    is_release: bool,
    candidate: String,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('v');
        let end = text
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(text.len());
        let (numbers, candidate) = text.split_at(end);
        let mut parts =
            numbers.trim_end_matches('.').split('.').map(|part| part.parse::<u64>().ok());
        let first = parts.next()??;
        let mut next = || parts.next().map_or(Some(0), |part| part);
        let numbers = [first, next()?, next()?];
        let candidate = candidate.trim_start_matches(['-', '.']).to_owned();
        Some(Self { numbers, is_release: candidate.is_empty(), candidate })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_projects_are_semantic() {
        for text in ["1.0", "1.0.0", "0.12.3-rc.1", "1.2.3+build-7", "1.2.3-a+b"] {
            assert!(is_project_version(text), "{text}");
        }
        for text in ["1", "", "1.0.0.0", "v1.0", "01.0", "1.0-rc1", "1.2.3-", "next"] {
            assert!(!is_project_version(text), "{text}");
        }
    }

    #[test]
    fn versions_are_compared_by_number() {
        let fits = |requirements: &[&str]| {
            fits("1.12.0", &requirements.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(fits(&[">=1.3.0", "<2.0.0"]), Ok(true));
        assert_eq!(fits(&["<1.9.0"]), Ok(false));
        assert_eq!(fits(&["=1.12.0"]), Ok(true));
        assert_eq!(fits(&[">1.12.0-rc1"]), Ok(true));
        assert_eq!(fits(&["~1.0"]), Err("~1.0".to_owned()));
    }
}
