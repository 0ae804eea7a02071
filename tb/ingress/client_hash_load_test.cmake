# SPDX-License-Identifier: Apache-2.0
reveille_verilate(reveille_client_hash NAME Vclient_hash_load)
set(verilated Vclient_hash_load reveille_core)
