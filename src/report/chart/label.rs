//! Labels that do not cover each other.

/// Moves places apart so that neighbours are `room` apart and all lie
/// between the bounds if they can; in the order in which they were given.
/// Each moves as little as its neighbours allow.
pub(in crate::report) fn spread_out(
    places: &[f64],
    room: f64,
    (from, to): (f64, f64),
) -> Vec<f64> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]).then(a.cmp(b)));
    let mut spread = places.to_vec();
    // Clusters of labels that touch, each about the middle of its places.
    let mut clusters: Vec<Vec<usize>> = Vec::new();
    for at in order {
        clusters.push(vec![at]);
        while let [.., below, above] = &clusters[..]
            && bounds(places, above, room, (from, to)).0
                < bounds(places, below, room, (from, to)).1 + room
        {
            let above = above.clone();
            clusters.pop();
            if let Some(below) = clusters.last_mut() {
                below.extend(above);
            }
        }
    }
    for cluster in &clusters {
        let mut place = bounds(places, cluster, room, (from, to)).0;
        for at in cluster {
            spread[*at] = place;
            place += room;
        }
    }
    spread
}

/// The first and the last place of a cluster.
fn bounds(
    places: &[f64],
    cluster: &[usize],
    room: f64,
    (from, to): (f64, f64),
) -> (f64, f64) {
    let count = f64::from(u32::try_from(cluster.len()).unwrap_or(u32::MAX));
    let middle = cluster.iter().map(|at| places[*at]).sum::<f64>() / count;
    let length = (count - 1.0) * room;
    let first = (middle - length / 2.0).min(to - length).max(from);
    (first, first + length)
}

#[cfg(test)]
mod tests {
    use super::spread_out;

    #[test]
    fn labels_with_room_stay_where_they_are() {
        let places = [30.0, 10.0, 20.0];
        assert_eq!(spread_out(&places, 10.0, (0.0, 100.0)), places);
    }

    #[test]
    fn labels_at_one_place_are_moved_apart_about_it() {
        let spread = spread_out(&[50.0, 50.0, 51.0], 10.0, (0.0, 100.0));
        let middle: f64 = spread.iter().sum::<f64>() / 3.0;
        assert!((middle - 151.0 / 3.0).abs() < 1e-9, "{spread:?}");
        assert!((spread[2] - spread[0] - 20.0).abs() < 1e-9, "{spread:?}");
    }

    #[test]
    fn labels_stay_within_the_bounds() {
        let spread = spread_out(&[0.0, 0.0, 99.0, 100.0], 10.0, (0.0, 100.0));
        assert_eq!(spread, [0.0, 10.0, 90.0, 100.0]);
    }
}
