//! A recorded run: its bar, its keys, and what it cannot do.

use super::stage::Stage;
use insta::assert_snapshot;
use sockscope::model::Direction;
use sockscope::modes::Mode;

fn stage(width: u16, height: u16) -> Stage {
    Stage::of(Mode::Selector, width, height).recorded()
}

#[test]
fn every_size() {
    for (width, height) in [(60, 15), (80, 24), (120, 40), (200, 60)] {
        let mut stage = stage(width, height);
        let name = format!("replay-{width}x{height}");
        assert_snapshot!(name, stage.text());
        stage.playback().plays = Some(Direction::Forwards);
        let name = format!("replay-plays-{width}x{height}");
        assert_snapshot!(name, stage.text());
    }
}
