/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The registry of domains: look-up, definitions on disk, autostart marks.
 *
 * Owns: every struct guest, and the folder of definitions (one NAME.xml each; autostart/NAME.xml a link to
 * it). Must not know: the wire, hypervisors.
 *
 * A definition is on disk, synced, before define or undefine returns, and a crash leaves the old or the new
 * one.
 */
#pragma once

#include "core/guest.h"
#include "model/domain.h"

struct registry;

/* Reads all definitions below FOLDER (made when absent). A broken file is reported, left alone, and not
 * served. */
struct registry *registry_new(const char *folder, struct error *err);
void registry_free(struct registry *registry);

/* Look-ups; NULL with VIR_ERR_NO_DOMAIN. The guest stays the registry's. */
struct guest *registry_by_name(struct registry *registry, const char *name, struct error *err);
struct guest *registry_by_uuid(struct registry *registry, const unsigned char uuid[16], struct error *err);
struct guest *registry_by_id(struct registry *registry, int id, struct error *err);

/* All guests, by name; a new array, its elements the registry's. */
GPtrArray *registry_list(struct registry *registry);

/* Takes over CONFIG as a new definition, or as the next one of a guest with the same name and UUID. */
int registry_define(
	struct registry *registry, struct domain *config, struct guest **ret_guest, struct error *err);

/* The guest with the name and UUID of DOMAIN, or NULL where neither is known; a clash is
 * VIR_ERR_OPERATION_FAILED. */
int registry_match(
	struct registry *registry, const struct domain *domain, struct guest **ret_guest, struct error *err);

/* Gives a guest that does not run another name, on disk first; its autostart mark goes with it. */
int registry_rename(struct registry *registry, struct guest *guest, const char *name, struct error *err);

/* Adds a guest that runs without a definition; LIVE stays the caller's. */
struct guest *registry_add_transient(struct registry *registry, const struct domain *live);

/* Keeps GUEST in memory, also after its removal, until guest_unref(). */
struct guest *guest_ref(struct guest *guest);
void guest_unref(struct guest *guest);

/* The guests of a list stay in memory until the list is freed. */
void guests_hold(GPtrArray *guests);

/* No look-up finds the guest any more; it is freed when nobody holds it. It neither runs nor is defined. */
void registry_remove(struct registry *registry, struct guest *guest);

/* Forgets the definition and its autostart mark; removes a guest that does not run. */
int registry_undefine(struct registry *registry, struct guest *guest, struct error *err);

bool registry_autostart(struct registry *registry, const struct guest *guest);
int registry_set_autostart(struct registry *registry, const struct guest *guest, bool on, struct error *err);

/* "3e3fce45-4f53-4fa7-bb32-11f34168b82b" */
void uuid_text(const unsigned char uuid[16], char text[37]);
