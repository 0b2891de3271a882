//! The name that was probably meant.

/// Letters that say which word is cut short.
const FEWEST: usize = 3;

/// The one of `known` that is nearest to `name`, where one is near enough for a slip of the finger, or else
/// the only one that `name` is the beginning of.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let length = name.chars().count();
    let limit = 1 + length / 4;
    let (mut near, mut longer) = (None, Vec::new());
    for candidate in known {
        let distance = distance(name, candidate);
        // Of one letter every other one is as far away.
        let is_near = distance <= limit && (distance < length || length == 0);
        if is_near && near.is_none_or(|(least, _)| distance < least) {
            near = Some((distance, candidate));
        }
        let start = candidate.get(..name.len());
        if length >= FEWEST && start.is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            longer.push(candidate);
        }
    }
    match (near, longer.as_slice()) {
        (Some((_, near)), _) => Some(near),
        (None, [only]) => Some(*only),
        _ => None,
    }
}

/// How many letters have to be put in, taken out, changed or swapped with their neighbour; case counts
/// nothing.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().flat_map(char::to_lowercase).take(64).collect();
    let right: Vec<char> = right
        .chars()
        .flat_map(char::to_lowercase)
        .take(64)
        .collect();
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, l) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, r) in right.iter().enumerate() {
            let mut best = (rows[i][j] + usize::from(l != r))
                .min(rows[i][j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && left[i - 1] == *r && right[j - 1] == *l {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_seen_and_another_word_is_not() {
        let known = ["digest", "tag", "reference"];
        assert_eq!(nearest("digset", known), Some("digest"));
        assert_eq!(nearest("Digest", known), Some("digest"));
        assert_eq!(nearest("refrence", known), Some("reference"));
        assert_eq!(nearest("upload", known), None);
        assert_eq!(nearest("b", ["x", "as"]), None);
        assert_eq!(nearest("X", ["x", "as"]), Some("x"));
    }

    #[test]
    fn a_word_that_is_cut_short_is_the_only_one_that_begins_so() {
        let known = ["description", "deprecated", "examples", "ex"];
        assert_eq!(nearest("desc", known), Some("description"));
        assert_eq!(nearest("de", known), None);
        assert_eq!(nearest("integer", ["int", "list"]), None);
        assert_eq!(nearest("min", ["min_length", "min_items"]), None);
    }
}
