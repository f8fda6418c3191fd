//! Which file uses which: every import and every path, followed through
//! re-exports to the file that declares what it names.

use super::source::{Source, program};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A path leads through at most this many re-exports.
const MOST_STEPS: usize = 32;

/// The program's files by the names of their modules.
struct Tree(HashMap<Vec<String>, &'static Source>);

impl Tree {
    fn new() -> Self {
        let files = program().filter(|file| file.path != "src/main.rs");
        Self(files.map(|file| (file.module(), file)).collect())
    }

    /// The file that declares what a path in this module names; none for
    /// other crates, and for a path that ends at a module.
    fn resolve(
        &self,
        module: &[String],
        path: &[String],
        steps: usize,
    ) -> Option<&'static Source> {
        let (first, rest) = path.split_first()?;
        if steps == 0 {
            return None;
        }
        match first.as_str() {
            "crate" => self.within(&[], rest, steps),
            "self" => self.within(module, rest, steps),
            "super" => {
                let parent = &module[..module.len().checked_sub(1)?];
                if rest.first().is_some_and(|name| name == "super") {
                    return self.resolve(parent, rest, steps - 1);
                }
                self.within(parent, rest, steps)
            }
            _ if self.knows(module, first) => self.within(module, path, steps),
            _ => None,
        }
    }

    /// Whether this name is a module here or imported here.
    fn knows(&self, module: &[String], name: &String) -> bool {
        let child = [module, std::slice::from_ref(name)].concat();
        let imports = &self.0[module].imports;
        self.0.contains_key(&child) || imports.iter().any(|it| it.name == *name)
    }

    /// The same for a path that begins in a module.
    fn within(
        &self,
        module: &[String],
        path: &[String],
        steps: usize,
    ) -> Option<&'static Source> {
        let (first, rest) = path.split_first()?;
        let child = [module, std::slice::from_ref(first)].concat();
        if self.0.contains_key(&child) {
            return self.within(&child, rest, steps);
        }
        let file = self.0.get(module).copied()?;
        let import = file.imports.iter().find(|it| it.name == *first);
        if let Some(import) = import {
            let path = [&import.path, rest].concat();
            return self.resolve(module, &path, steps - 1);
        }
        Some(file)
    }

    /// The files that one uses.
    fn used_by(&self, file: &Source) -> BTreeSet<&'static str> {
        let module = file.module();
        let imports = file.imports.iter().filter(|import| !import.exported);
        let imports = imports.map(|import| &import.path);
        let used = imports
            .chain(&file.paths)
            .filter_map(|path| self.resolve(&module, path, MOST_STEPS))
            .map(|used| used.path.as_str());
        used.filter(|used| *used != file.path).collect()
    }
}

/// What uses what, each by its name.
pub(crate) type Uses<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// The files that each file of the program uses.
pub(crate) fn between_files() -> Uses<'static> {
    let tree = Tree::new();
    let files = program().filter(|file| file.path != "src/main.rs");
    files.map(|file| (file.path.as_str(), tree.used_by(file))).collect()
}

/// The folders that each folder uses, where both stand in the same folder;
/// what is below a folder belongs to it.
pub(crate) fn between_folders(files: &Uses<'static>) -> Uses<'static> {
    let mut folders = Uses::new();
    let pairs =
        files.iter().flat_map(|(file, all)| all.iter().map(|it| (*file, *it)));
    for (file, used) in pairs {
        let same = file.bytes().zip(used.bytes()).take_while(|(a, b)| a == b);
        let same = &file[..same.count()];
        let parent = same.rfind('/').map_or(0, |slash| slash + 1);
        let folder = |path: &'static str| {
            path[parent..].find('/').map(|slash| &path[..parent + slash])
        };
        if let (Some(own), Some(other)) = (folder(file), folder(used)) {
            folders.entry(own).or_default().insert(other);
        }
    }
    folders
}

/// Every largest set of names each of which uses, over others, all the rest.
pub(crate) fn circles<'a>(uses: &Uses<'a>) -> Vec<BTreeSet<&'a str>> {
    let reached: HashMap<_, _> =
        uses.keys().map(|name| (*name, reached_from(name, uses))).collect();
    let mut circles = BTreeSet::new();
    for (name, others) in &reached {
        let both = |other: &&&str| reached[*other].contains(name);
        let circle: BTreeSet<_> = others.iter().filter(both).copied().collect();
        circles.extend((circle.len() > 1).then_some(circle));
    }
    circles.into_iter().collect()
}

fn reached_from<'a>(name: &str, uses: &Uses<'a>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut ahead: Vec<_> = uses[name].iter().copied().collect();
    while let Some(next) = ahead.pop() {
        if uses.contains_key(next) && reached.insert(next) {
            ahead.extend(&uses[next]);
        }
    }
    reached
}
