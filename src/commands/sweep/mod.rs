//! `sweep`: the same measurement at many points of one axis.

mod files;
mod plan;

use super::bench::progress::Shown;
use super::load::cancel_on_signal;
use super::output::{print, unwritable};
use crate::cli::{SweepArgs, SweepForm};
use crate::error::Error;
use crate::load::Cancel;
use crate::measure::Figure;
use crate::measure::sweep::{SweepResult, run_sweep};
use crate::report::{self, Marks, Style, SweepView, WIDTH};
use crate::tui::{Glyphs, Look};
use std::io::{self, IsTerminal as _};

/// A chart is at most so wide, however wide the terminal is.
const WIDEST: u16 = 120;

/// Measures to the end, or to the first signal, and reports.
pub(super) fn run(args: &SweepArgs) -> Result<u8, Error> {
    if args.schema {
        let schema = report::sweep_schema().map_err(unwritable)?;
        print(&schema)?;
        return Ok(0);
    }
    let plan = plan::of(args)?;
    let targets = files::targets(&args.output, args.report)?;
    let cancel = Cancel::new();
    cancel_on_signal(&cancel)?;
    let mut shown = Shown::new(args.how.quiet);
    let result = run_sweep(&plan, &cancel, &mut shown);
    drop(shown);
    let reported = Reported { result, figures: plan::figures(&args.figure) };
    // Whoever asked for files has those, and reads this.
    let form = if targets.is_empty() { args.report } else { SweepForm::Text };
    let printed = reported.printed(form).and_then(|text| print(&text));
    let write = |target: &files::Target| target.write(&reported);
    let written: Vec<_> = targets.iter().map(write).collect();
    written.into_iter().collect::<Result<(), _>>()?;
    printed?;
    reported.outcome()
}

/// What is reported.
struct Reported {
    result: SweepResult,
    figures: Vec<Figure>,
}

impl Reported {
    /// For standard output.
    fn printed(&self, form: SweepForm) -> Result<String, Error> {
        let look = Look::suited(|name| std::env::var(name).ok());
        let marks = if *look.glyphs == Glyphs::ASCII {
            Marks::Ascii
        } else {
            Marks::Unicode
        };
        let size = ratatui::crossterm::terminal::size();
        let columns = size.map_or(0, |it| it.0);
        let usual = u16::try_from(WIDTH).unwrap_or(WIDEST);
        let known = io::stdout().is_terminal() && columns > 0;
        let width = if known { columns.min(WIDEST) } else { usual };
        let figures = &self.figures;
        let style = Style::Colour;
        self.in_form(form, &SweepView { style, marks, width, figures })
    }

    /// For a file.
    fn plain(&self, form: SweepForm) -> Result<String, Error> {
        let view = SweepView {
            style: Style::Plain,
            marks: Marks::Unicode,
            width: u16::try_from(WIDTH).unwrap_or(WIDEST),
            figures: &self.figures,
        };
        self.in_form(form, &view)
    }

    fn in_form(
        &self,
        form: SweepForm,
        view: &SweepView,
    ) -> Result<String, Error> {
        let result = &self.result;
        match form {
            SweepForm::Text => Ok(report::sweep_text(result, view)),
            SweepForm::Json => report::sweep_json(result).map_err(unwritable),
            SweepForm::Markdown => {
                Ok(report::sweep_markdown(result, view.figures))
            }
            SweepForm::Csv => report::sweep_csv(result).map_err(unwritable),
            SweepForm::Svg => Ok(report::sweep_svg(result)),
        }
    }

    /// A server that failed at some points was measured at the others; one
    /// that was measured at none was not measured at all.
    fn outcome(&self) -> Result<u8, Error> {
        let points = &self.result.points;
        let unmeasured = |name: &&str| {
            let all = points.iter().filter_map(|it| it.subject(name));
            let mut all = all.peekable();
            all.peek().is_some()
                && all.all(|it| {
                    let silent = it.samples.iter().all(|it| it.echoes == 0);
                    silent && it.failure.is_some()
                })
        };
        let names = self.result.names().into_iter();
        let names: Vec<_> = names.filter(unmeasured).collect();
        if names.is_empty() {
            return Ok(0);
        }
        Err(Error::Unmeasured(names.join(", ")))
    }
}
