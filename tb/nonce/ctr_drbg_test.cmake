# SPDX-License-Identifier: Apache-2.0
# With its memories to be looked at.
reveille_verilate(reveille_ctr_drbg ${trace} FLAGS --public-flat-rw)
set(verilated Vreveille_ctr_drbg)
