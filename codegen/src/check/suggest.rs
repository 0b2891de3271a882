//! The name that was probably meant.

/// The one of `known` that is nearest to `name`, where one is near enough for a slip of the finger.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let limit = 1 + name.chars().count() / 4;
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
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
    }
}
