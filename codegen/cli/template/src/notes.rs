//! The handlers of the group `notes`. They take what the descriptor declares, and can answer nothing else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use api_runtime::server::Context;

use crate::server::Notes;
use crate::types::*;

/// The notes, in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Notebook(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    notes: BTreeMap<NoteId, Note>,
    last: u32,
}

impl Notebook {
    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notes for Notebook {
    async fn list_notes(
        &self,
        _cx: Context,
        request: ListNotes,
    ) -> Result<ListNotesResponse, ListNotesError> {
        let fits = |note: &&Note| {
            request
                .tag
                .as_ref()
                .is_none_or(|tag| note.tags.contains(tag))
        };
        let notes = self.pages().notes.values().filter(fits).cloned().collect();
        Ok(ListNotesOk::new(notes).into())
    }

    async fn create_note(
        &self,
        _cx: Context,
        request: CreateNote,
    ) -> Result<CreateNoteResponse, CreateNoteError> {
        let mut pages = self.pages();
        pages.last += 1;
        let id = NoteId::new(pages.last).map_err(api_runtime::Source::new)?;
        let note = Note::new(id, request.body.text, request.body.tags.unwrap_or_default());
        pages.notes.insert(id, note.clone());
        Ok(CreateNoteCreated::new(GetNoteUrl::new(id).into(), note).into())
    }

    async fn get_note(
        &self,
        _cx: Context,
        request: GetNote,
    ) -> Result<GetNoteResponse, GetNoteError> {
        let note = self
            .pages()
            .notes
            .get(&request.id)
            .cloned()
            .ok_or(NoSuchNote)?;
        Ok(GetNoteOk::new(note).into())
    }

    async fn delete_note(
        &self,
        _cx: Context,
        request: DeleteNote,
    ) -> Result<DeleteNoteResponse, DeleteNoteError> {
        self.pages().notes.remove(&request.id).ok_or(NoSuchNote)?;
        Ok(DeleteNoteNoContent::new().into())
    }
}
