//! Names for what comes from the clipboard.

use app::uploads::names;
use js_sys::Date;
use web_sys::File;

/// The same, where names that the browser made up say when it was.
pub fn renamed(mut files: Vec<(String, File)>) -> Vec<(String, File)> {
    let now = Date::new_0();
    let at = [
        now.get_full_year(),
        now.get_month() + 1,
        now.get_date(),
        now.get_hours(),
        now.get_minutes(),
        now.get_seconds(),
    ];
    for (index, (name, file)) in files.iter_mut().enumerate() {
        if names::is_made_up(name) {
            *name = names::pasted(at, index, &file.type_());
        }
    }
    files
}
