//! Views, and which variants were wanted, from memory into the database.

use std::{sync::Arc, time::Duration};

use reflect_core::{Core, images::variants};
use tokio::{sync::oneshot, time::timeout};

use crate::serve::Images;

/// How long views wait: as much is lost when the process is killed, and as much of a day's end may be counted to
/// the next one.
const PAUSE: Duration = Duration::from_secs(10);

/// Adds the views that this node has counted to the database, and which variants it sent, again and again, and once more when `stop` is
/// dropped.
pub async fn write_views(core: Core, images: Arc<Images>, mut stop: oneshot::Receiver<()>) {
    loop {
        let is_over = timeout(PAUSE, &mut stop).await.is_ok();
        if let Err(error) = images.write_views(&core).await {
            tracing::warn!(%error, "writing down views");
        }
        images.note_variants(&core);
        if let Err(error) = variants::write_used(&core).await {
            tracing::warn!(%error, "writing down which variants were wanted");
        }
        if is_over {
            return;
        }
    }
}
