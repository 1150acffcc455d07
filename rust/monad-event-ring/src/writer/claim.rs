//! Makes a ring's file: claims the path, creates the ring beside it, and publishes it whole by a rename.
//! Used by EventRingWriter::create. Source: ring-and-events §1.7.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    process,
};

use rustix::{
    fs::{CWD, FlockOperation, Mode, OFlags, RenameFlags},
    io::Errno,
};

use super::{CreateError, WriterConfig, memory::WriterMemory};
use crate::{RingGeometry, layout};

/// Creates, locks, maps and publishes the ring.
pub(super) fn create_and_publish(
    path: &Path,
    config: &WriterConfig<'_>,
) -> Result<(File, WriterMemory), CreateError> {
    let geometry = config.geometry()?;
    let header = header_image(&geometry, config)?;
    // The zombie stays locked until the new ring has its place, so that of two writers one is refused.
    let zombie = remove_zombie(path, IsRing::Required)?;

    let temporary = temporary_path(path)?;
    let made = make_file(&temporary, &geometry, &header).and_then(|made| {
        rustix::fs::renameat_with(CWD, &temporary, CWD, path, RenameFlags::NOREPLACE)
            .map_err(|errno| failure(path, "publish the ring as")(errno.into()))?;
        Ok(made)
    });
    if made.is_err() {
        // What could not be published is of no use; the error that is returned says why.
        let _ = std::fs::remove_file(&temporary);
    }
    drop(zombie);
    made
}

fn make_file(
    temporary: &Path,
    geometry: &RingGeometry,
    header: &[u8],
) -> Result<(File, WriterMemory), CreateError> {
    // A killed writer with this process id may have left its temporary file, which need not be a ring yet.
    drop(remove_zombie(temporary, IsRing::Any)?);
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o664)
        .open(temporary)
        .map_err(failure(temporary, "create"))?;
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)
        .map_err(|errno| failure(temporary, "lock")(errno.into()))?;
    // A node allocates all space at once, because a store into a full file system ends the process. Here the file
    // stays sparse: a simulation and its tests touch little of rings that the format makes 134 MB at least.
    file.set_len(geometry.total_size())
        .map_err(failure(temporary, "enlarge"))?;
    let memory = WriterMemory::new(&file, *geometry).map_err(failure(temporary, "map"))?;
    memory.store_header(header);
    Ok((file, memory))
}

/// Whether a file must look like a ring to be removed.
#[derive(Clone, Copy, PartialEq)]
enum IsRing {
    Required,
    Any,
}

/// Removes an unlocked file from `path`; returns it locked, or `None` if nothing was there.
fn remove_zombie(path: &Path, is_ring: IsRing) -> Result<Option<File>, CreateError> {
    loop {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(failure(path, "open")(errno.into())),
        };
        let metadata = file.metadata().map_err(failure(path, "look at"))?;
        let mut magic = [0; layout::MAGIC.len()];
        if !metadata.is_file()
            || (is_ring == IsRing::Required
                && (file.read_exact_at(&mut magic, 0).is_err() || magic != layout::MAGIC))
        {
            return Err(CreateError::NotARing { path: path.into() });
        }
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(CreateError::Locked { path: path.into() }),
            Err(errno) => return Err(failure(path, "lock")(errno.into())),
        }
        // Another writer may have replaced the file between the open and the lock.
        let is_same = std::fs::metadata(path)
            .is_ok_and(|now| (now.dev(), now.ino()) == (metadata.dev(), metadata.ino()));
        if is_same {
            std::fs::remove_file(path).map_err(failure(path, "remove"))?;
            return Ok(Some(file));
        }
    }
}

/// `<name>.<pid>` in the directory of `path`.
fn temporary_path(path: &Path) -> Result<PathBuf, CreateError> {
    let mut name = path
        .file_name()
        .ok_or_else(|| CreateError::NoFileName { path: path.into() })?
        .to_owned();
    name.push(format!(".{}", process::id()));
    Ok(path.with_file_name(name))
}

/// The bytes of a new ring's header and note, with all control words 0.
fn header_image(
    geometry: &RingGeometry,
    config: &WriterConfig<'_>,
) -> Result<Vec<u8>, CreateError> {
    let note = config.note.unwrap_or_default().as_bytes();
    let is_printable = note.iter().all(|byte| matches!(byte, b' '..=b'~'));
    if note.len() > layout::RECORDER_NOTE_SIZE || !is_printable || config.note == Some("") {
        return Err(CreateError::Note {
            note: config.note.unwrap_or_default().into(),
        });
    }
    let mut image = vec![0; layout::RECORDER_NOTE + layout::RECORDER_NOTE_SIZE];
    let mut put =
        |offset: usize, bytes: &[u8]| image[offset..offset + bytes.len()].copy_from_slice(bytes);
    put(layout::HEADER_MAGIC, &layout::MAGIC);
    put(
        layout::HEADER_CONTENT_TYPE,
        &config.content_type.code().to_le_bytes(),
    );
    put(layout::HEADER_SCHEMA_HASH, &config.schema_hash);
    put(
        layout::HEADER_DESCRIPTOR_CAPACITY,
        &geometry.descriptor_capacity().to_le_bytes(),
    );
    put(
        layout::HEADER_PAYLOAD_BUF_SIZE,
        &geometry.payload_buf_size().to_le_bytes(),
    );
    put(
        layout::HEADER_CONTEXT_AREA_SIZE,
        &geometry.context_area_size().to_le_bytes(),
    );
    put(layout::RECORDER_NOTE, note);
    Ok(image)
}

fn failure(path: &Path, action: &'static str) -> impl Fn(io::Error) -> CreateError {
    move |source| CreateError::Io {
        path: path.into(),
        action,
        source,
    }
}
