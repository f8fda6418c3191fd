//! SVG images without scripts or external resources: the same bytes for the
//! same result, readable on a light and on a dark background.

pub(super) mod panel;

use super::WRITTEN_BY;
use crate::text::foreign::xml;
use itertools::Itertools as _;
use std::fmt::Write as _;

/// Builds an SVG image, element by element.
pub(crate) struct Svg {
    body: String,
    width: f64,
}

/// How text is aligned to its position: the SVG attribute `text-anchor`.
#[derive(Clone, Copy, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A rectangle, in user units of the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Area {
    const fn right(&self) -> f64 {
        self.x + self.width
    }

    const fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The point at `x` and `y` from 0 to 1, rightwards and upwards.
    const fn at(&self, x: f64, y: f64) -> (f64, f64) {
        (self.x + x * self.width, self.bottom() - y * self.height)
    }
}

impl Svg {
    pub(crate) const fn new(width: f64) -> Self {
        Self { body: String::new(), width }
    }

    pub(crate) fn rect(&mut self, class: &str, area: Area) {
        let Area { x, y, width, height } = area;
        let _ = writeln!(
            self.body,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" \
             width=\"{width:.1}\" height=\"{height:.1}\"/>"
        );
    }

    /// Straight lines between points. The style sheet decides whether they are
    /// stroked or their area is filled.
    pub(crate) fn path(
        &mut self,
        class: &str,
        places: impl IntoIterator<Item = (f64, f64)>,
    ) {
        let places = places.into_iter();
        let way = places.map(|(x, y)| format!("{x:.1} {y:.1}")).join("L");
        let _ = writeln!(self.body, "<path class=\"{class}\" d=\"M{way}\"/>");
    }

    /// A circle; browsers show a title that is not empty as a tooltip.
    pub(crate) fn circle(
        &mut self,
        class: &str,
        (x, y): (f64, f64),
        radius: f64,
        words: &str,
    ) {
        let title = match words {
            "" => String::new(),
            words => format!("<title>{}</title>", xml(words)),
        };
        let _ = writeln!(
            self.body,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" \
             r=\"{radius}\">{title}</circle>"
        );
    }

    pub(crate) fn text(
        &mut self,
        class: &str,
        anchor: Anchor,
        (x, y): (f64, f64),
        words: &str,
    ) {
        let (anchor, words) = (<&str>::from(anchor), xml(words));
        let _ = writeln!(
            self.body,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" \
             text-anchor=\"{anchor}\">{words}</text>"
        );
    }

    /// Returns the whole image. The title and the description are for readers
    /// who cannot see it.
    pub(crate) fn finish(
        self,
        height: f64,
        (title, description): (&str, &str),
        css: &str,
    ) -> String {
        let Self { body, width } = self;
        let (title, description) = (xml(title), xml(description));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \
             data-generator=\"{WRITTEN_BY}\" role=\"img\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" aria-labelledby=\"title desc\">\n\
             <title id=\"title\">{title}</title>\n\
             <desc id=\"desc\">{description}</desc>\n\
             <style>\n{css}</style>\n\
             <rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n\
             {body}</svg>\n"
        )
    }
}
