/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a domain: whatever is accepted copies equal, prints, and is read again without a crash.
 */
#include <stdlib.h>
#include <string.h>

#include "model/domain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_error err = { 0 };
	auto_domain *domain = NULL, *again = NULL;
	struct model_notes notes = { 0 };

	if (domain_parse((const char *)data, size, MODEL_PARSE_INACTIVE, &domain, &notes, &err) < 0) {
		demand(err.code != 0 && err.message && !domain);
		model_notes_clear(&notes);
		return 0;
	}
	auto_domain *copy = model_copy(&domain_model, domain);
	demand(model_compare(&domain_model, domain, copy, true, &err) == 0);
	g_autofree char *text = model_format(&domain_model, domain, MODEL_VIEW_SECURE);
	g_autofree char *json = model_json(&domain_model, domain, MODEL_VIEW_SECURE);
	demand(json[0] == '{' && g_utf8_validate(text, -1, NULL));
	if (domain_parse(text, strlen(text), 0, &again, &notes, &err) < 0)
		demand(err.code != VIR_ERR_XML_DETAIL); /* what is printed is always XML */
	model_notes_clear(&notes);
	return 0;
}
